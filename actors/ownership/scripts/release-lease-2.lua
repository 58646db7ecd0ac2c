--[[
  Ends the lease of one process at once: it says goodbye, or is known to be dead. Its key names one life, which never comes again.

  Input:
    KEYS[1] the lease of the process
    KEYS[2] deadlines of all leases
    ARGV[1] incarnation
  Output:
    1 released, 0 there was none
]]
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
