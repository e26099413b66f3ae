-- Counts one request in every window, or refuses it and counts it in none.
-- KEYS: n windows (lists of microseconds, oldest first), then the n hashes of their day's sums.
-- ARGV: window in microseconds, then for each: limit of requests, of tokens, of micro-dollars (-1: none).
-- The clock is Redis's own, so replicas need not agree on the time.
-- Gives {0, requests in the last window, tokens, micro-dollars of the last hash}, or
-- {which counter, 1 requests / 2 tokens / 3 cost, microseconds to wait}.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window, n = tonumber(ARGV[1]), #KEYS / 2
local requests, used
for i = 1, n do
  local oldest = redis.call('LINDEX', KEYS[i], 0)
  while oldest and tonumber(oldest) <= now - window do
    redis.call('LPOP', KEYS[i])
    oldest = redis.call('LINDEX', KEYS[i], 0)
  end
  requests = redis.call('LLEN', KEYS[i])
  local limit = tonumber(ARGV[3 * i - 1])
  if requests >= limit then
    -- As many have to leave the window as are in it beyond the limit.
    local leaves = tonumber(redis.call('LINDEX', KEYS[i], requests - limit))
    return {i, 1, leaves + window - now}
  end
end
for i = 1, n do
  used = redis.call('HMGET', KEYS[n + i], 'tokens', 'micro_usd')
  for j = 1, 2 do
    local limit = tonumber(ARGV[3 * i - 1 + j])
    if limit >= 0 and tonumber(used[j] or 0) >= limit then
      return {i, j + 1, 0}
    end
  end
end
for i = 1, n do
  redis.call('RPUSH', KEYS[i], string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[i], math.ceil(window / 1000))
end
return {0, requests + 1, tonumber(used[1] or 0), tonumber(used[2] or 0)}
