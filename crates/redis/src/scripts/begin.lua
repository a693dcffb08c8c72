-- Begins a writer, and decides on the generation.
-- ARGV: writer, its predecessor ('': none), node, address, lease, wall, grace, run (of Redis), whether each write waits for
-- the disk there and nowhere else ('1'), known, origin (of the entry that the predecessor knows last; '': none) and its
-- generation, a fresh generation, whether others may vouch for this run ('1'), the schema's version.
-- Returns OK, generation, head, tip, whether a writer was alive; or WAIT: others have to vouch; or NEWER and the version.
local writer, predecessor, wall, grace = ARGV[1], ARGV[2], ARGV[6], tonumber(ARGV[7])
local run, is_synced, known, origin = ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local lived_in, fresh, may_wait, schema = ARGV[12], ARGV[13], ARGV[14], ARGV[15]

local now = redis_ms()
local alive = call('ZCOUNT', NODES, digits(now), '+inf')
local state = call('HMGET', STATE, 'gen', 'head', 'tip', 'run', 'sync', 'running', 'schema')
if state[7] and tonumber(state[7]) > tonumber(schema) then return {'NEWER', state[7]} end
if call('EXISTS', PREFIX .. 'closed') == 1 then return {'HALF'} end -- dump_take.lua sets both
if call('EXISTS', PREFIX .. 'closer') == 1 then return {'CLOSED'} end
local generation, head, tip = state[1], tonumber(state[2] or '0'), state[3]

local why = nil
if known ~= '' and generation == lived_in then why = diverges(tonumber(known), origin, head, tip) end
local is_lost = why == 'LOST'
local is_vouched = state[4] == run or (state[5] == '1' and is_synced == '1')
if known ~= '' and generation == lived_in and not why then is_vouched = true end
if generation and not is_lost and not is_vouched and alive > 0 and may_wait == '1' then return {'WAIT'} end

if not generation then
  generation, tip = fresh, fresh
  call('HSET', STATE, 'gen', generation, 'head', '0', 'tip', tip, 'running', digits(now), 'schema', schema)
elseif is_lost or not is_vouched then
  generation = fresh
  call('HSET', STATE, 'gen', generation)
  tip = feed(head, tip, '', digits(now), now, 'g', generation)
  head = head + 1
end
call('HSET', STATE, 'run', run, 'sync', is_synced)

-- Nobody ran until now: that time does not count, and clients come back before anything expires.
if alive == 0 then
  local running = tonumber(call('HGET', STATE, 'running'))
  call('HSET', STATE, 'grace', digits(running + grace))
  if wall == '' then call('HSET', STATE, 'wall', digits(now)) else call('HDEL', STATE, 'wall') end
end
if predecessor ~= '' then head, tip = end_writer(predecessor, now, head, tip) end
call('HSET', writer_key(writer), 'name', writer, 'number', '0', 'node', ARGV[3], 'address', ARGV[4], 'since', digits(now))
call('ZADD', NODES, digits(now + tonumber(ARGV[5])), writer)
tip = feed(head, tip, '', digits(now), now, 's', writer) -- others learn at once where to reach it
head = head + 1
return {'OK', generation, digits(head), tip, alive}
