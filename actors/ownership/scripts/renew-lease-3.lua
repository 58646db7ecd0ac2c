--[[
  Creates or prolongs the lease of one process. Idempotent: sent twice, it is renewed twice.

  Input:
    KEYS[1] the lease of the process, gone by itself when it is not renewed: number of the renewal that began it
    KEYS[2] deadlines of all leases, by Redis' own clock: lists the living without a scan
    KEYS[3] memory: since when leases were renewed without a gap
    ARGV[1] incarnation
    ARGV[2] time to live, milliseconds
    ARGV[3] number of this renewal
  Output:
    number of the renewal that began the lease as it stands: this one's, when there was none alive

  Memory starts anew when for a whole lease nobody renewed anything: after a flush, a restart, or a stop of Redis the
  absence of a lease proves nothing about its process.
]]
local ttl = tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local memory = redis.call('HMGET', KEYS[3], 'since', 'renewed', 'ttl')
if not memory[1] or now - tonumber(memory[2]) > tonumber(memory[3]) then
  redis.call('HSET', KEYS[3], 'since', now)
end
redis.call('HSET', KEYS[3], 'renewed', now, 'ttl', ttl)

-- Alive is what read-liveness calls alive: whoever was told that this process is dead must make it begin anew.
local deadline = redis.call('ZSCORE', KEYS[2], ARGV[1])
local begunBy = deadline and tonumber(deadline) > now and redis.call('GET', KEYS[1]) or ARGV[3]

redis.call('SET', KEYS[1], begunBy, 'PX', ttl)
redis.call('ZADD', KEYS[2], now + ttl, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. now)
return tonumber(begunBy)
