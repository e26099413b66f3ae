-- Holds the estimate of one model call in every sum, or refuses it and holds it in none.
-- KEYS: the call's marker, then the hashes of the day's sums, the service's last.
-- ARGV: lives of marker and sums in seconds, estimated tokens and micro-dollars, then for each hash
-- its limit of tokens and of micro-dollars (-1: none).
-- Gives {0, tokens, micro-dollars of the last hash}, or {which hash, 2 tokens / 3 cost, 0}.
-- A marker that is there already means that the caller gave up on this and settled: nothing is held.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return {0, 0, 0}
end
local tokens, micro
for i = 2, #KEYS do
  local used = redis.call('HMGET', KEYS[i], 'tokens', 'micro_usd')
  for j = 1, 2 do
    local limit = tonumber(ARGV[2 * i + j])
    if limit >= 0 and tonumber(used[j] or 0) >= limit then
      return {i - 1, j + 1, 0}
    end
  end
end
redis.call('SET', KEYS[1], 'reserved', 'EX', ARGV[1])
for i = 2, #KEYS do
  tokens = redis.call('HINCRBY', KEYS[i], 'tokens', ARGV[3])
  micro = redis.call('HINCRBY', KEYS[i], 'micro_usd', ARGV[4])
  redis.call('EXPIRE', KEYS[i], ARGV[2])
end
return {0, tokens, micro}
