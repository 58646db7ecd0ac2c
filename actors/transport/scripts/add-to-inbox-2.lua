--[[
  Appends one entry to a slot's inbox, or refuses before anything was added.

  Input:
    KEYS[1] the inbox, a stream
    KEYS[2] its bell, a channel
    ARGV[1] most entries the inbox may hold
    ARGV[2] … fields and values of the entry
  Output:
    1 added, 0 full

  Rings the bell in the same step: who hears it finds the entry. Never trims: an entry goes only when the owner's cursor has passed it.
]]
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then
  return 0
end
redis.call('XADD', KEYS[1], '*', unpack(ARGV, 2))
redis.call('PUBLISH', KEYS[2], '')
return 1
