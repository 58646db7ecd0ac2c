--[[
  The last id that each stream ever gave.

  Input:
    KEYS    the inboxes, streams
  Output:
    an array of ids, in the order of the keys; 0-0 for a stream that does not exist

  Here and not by XINFO from outside: its answer holds whole entries, some fifty microseconds of reading each.
]]
local last = {}
for at, key in ipairs(KEYS) do
  last[at] = '0-0'
  if redis.call('EXISTS', key) == 1 then
    local facts = redis.call('XINFO', 'STREAM', key)
    for fact = 1, #facts, 2 do
      if facts[fact] == 'last-generated-id' then
        last[at] = facts[fact + 1]
      end
    end
  end
end
return last
