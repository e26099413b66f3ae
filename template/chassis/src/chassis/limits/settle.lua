-- Puts what a call really used in the place of its estimate. Settling twice is settling once.
-- KEYS: the call's marker, then the hashes of the day's sums, the service's last.
-- ARGV: lives of marker and sums in seconds, tokens and micro-dollars reserved, tokens and
-- micro-dollars used.
-- Without a marker nothing is held: the reservation never arrived, or Redis has lost it.
-- Gives {0, tokens, micro-dollars of the last hash}.
local state = redis.call('GET', KEYS[1])
local tokens, micro = tonumber(ARGV[5]), tonumber(ARGV[6])
if state == 'reserved' then
  tokens, micro = tokens - tonumber(ARGV[3]), micro - tonumber(ARGV[4])
elseif state == 'settled' then
  tokens, micro = 0, 0
end
redis.call('SET', KEYS[1], 'settled', 'EX', ARGV[1])
local sums = {0, 0, 0}
for i = 2, #KEYS do
  sums[2] = redis.call('HINCRBY', KEYS[i], 'tokens', string.format('%.0f', tokens))
  sums[3] = redis.call('HINCRBY', KEYS[i], 'micro_usd', string.format('%.0f', micro))
  redis.call('EXPIRE', KEYS[i], ARGV[2])
end
return sums
