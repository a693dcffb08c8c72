-- Renews a writer's lease, vouches for Redis's run, ends writers that are not heard of any more, and lists the others.
-- ARGV: writer, lease, generation, run, whether each write waits for the disk ('1'), known, origin, the time that is
-- expected ('': the caller may end nobody), how far off it may be.
-- Returns OK, time, head, and name, node, address, since, expiry of each writer; or a status.
local writer, lease, generation, run, is_synced = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local known, origin, expected, tolerance = tonumber(ARGV[6]), ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])

local now = redis_ms()
local state = call('HMGET', STATE, 'gen', 'head', 'tip', 'run', 'sync')
if call('EXISTS', writer_key(writer)) == 0 then return {'LATE'} end
if state[1] ~= generation then return {'GEN'} end
local head, tip = tonumber(state[2]), state[3]
if state[4] ~= run then
  local why = diverges(known, origin, head, tip)
  if why then return {why} end
  call('HSET', STATE, 'run', run)
end
if state[5] ~= is_synced then call('HSET', STATE, 'sync', is_synced) end
call('ZADD', NODES, digits(now + lease), writer)

if expected and math.abs(now - expected) <= tolerance then
  for _, silent in ipairs(call('ZRANGEBYSCORE', NODES, '-inf', digits(now - 1), 'LIMIT', 0, 16)) do
    head, tip = end_writer(silent, now, head, tip)
  end
end

local writers = {}
local leases = call('ZRANGE', NODES, 0, 255, 'WITHSCORES')
for at = 1, #leases, 2 do
  local about = call('HMGET', writer_key(leases[at]), 'node', 'address', 'since')
  if about[1] then writers[#writers + 1] = {leases[at], about[1], about[2], about[3], leases[at + 1]} end
end
return {'OK', digits(now), digits(head), writers}
