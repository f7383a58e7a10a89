-- Counts once against each key, or against none if one is over its rate: the generic cell rate algorithm
-- (ITU-T I.371), by the store's clock, in microseconds. A key holds the time at which its burst is whole again, and
-- is gone then. KEYS: what is counted; ARGV: for each its count and its period.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local over, longest = -1, 0
local fresh = {}
for i, key in ipairs(KEYS) do
  local count, period = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  -- Rounded up: never above the rate.
  local interval = math.ceil(period / count)
  local from = math.max(now, tonumber(redis.call('GET', key) or now))
  local wait = from - now - interval * (count - 1)
  if wait > longest then over, longest = i - 1, wait end
  fresh[i] = from + interval
end
if over >= 0 then return { over, longest } end
for i, key in ipairs(KEYS) do
  -- Lua's own conversion writes 1.7e+15.
  redis.call('SET', key, string.format('%.0f', fresh[i]), 'PX', string.format('%.0f', math.ceil((fresh[i] - now) / 1000)))
end
return { -1, 0 }
