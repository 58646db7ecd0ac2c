--[[
  Writes directory entries whose fence is not below the stored one: the directory never goes back.

  Input:
    KEYS[1]  the directory, a hash of slot to "fence generation incarnation"
    ARGV     per entry three: slot, fence, value
  Output:
    number of entries written
]]
local written = 0
for at = 1, #ARGV, 3 do
  local stored = redis.call('HGET', KEYS[1], ARGV[at])
  local storedFence = stored and tonumber(string.match(stored, '^%d+')) or -1
  if tonumber(ARGV[at + 1]) >= storedFence then
    redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 2])
    written = written + 1
  end
end
return written
