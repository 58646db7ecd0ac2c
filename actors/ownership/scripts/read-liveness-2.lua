--[[
  Who lives, and for how long leases have been remembered without a gap.

  Input:
    KEYS[1] deadlines of all leases
    KEYS[2] memory: since when leases were renewed without a gap
  Output:
    { milliseconds remembered, incarnation, incarnation, … }
]]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local memory = redis.call('HMGET', KEYS[2], 'since', 'renewed', 'ttl')
local remembered = 0
if memory[1] and now - tonumber(memory[2]) <= tonumber(memory[3]) then
  remembered = math.max(0, now - tonumber(memory[1]))
end

local answer = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')
table.insert(answer, 1, remembered)
return answer
