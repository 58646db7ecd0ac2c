--[[
  Ends the lease of one process at once, if it is the one that is stored.

  Input:
    KEYS[1] the lease of the process
    KEYS[2] deadlines of all leases
    ARGV[1] incarnation
  Output:
    1 released, 0 there was none or it is another's
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
