-- Takes a whole journal for a program that wants it to itself: as a source, a target or for an import.
-- ARGV: 'source', 'target', 'import' or 'backup' (which takes nothing), token, lease, the schema's version, a fresh generation.
-- An import begins a journal where none is.
-- Returns OK, generation, head, tip, running time; or a status: BUSY and the names of nodes, CLOSED, HALF, TAKEN, EMPTY, NEWER.
local purpose, token, lease, schema = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

local state = call('HMGET', STATE, 'gen', 'head', 'tip', 'schema')
if state[4] and tonumber(state[4]) > schema then return {'NEWER', state[4]} end
local is_half = call('EXISTS', CLOSED) == 1
if is_half and purpose ~= 'target' then return {'HALF'} end
if not state[1] and (purpose == 'source' or purpose == 'backup') then return {'EMPTY'} end

if purpose ~= 'backup' then
  local closer = call('GET', CLOSER)
  if closer and closer ~= token then return {'CLOSED'} end
  local busy = {'BUSY'}
  for _, writer in ipairs(call('ZRANGEBYSCORE', NODES, digits(redis_ms()), '+inf', 'LIMIT', 0, 5)) do
    busy[#busy + 1] = call('HGET', writer_key(writer), 'node') or writer
  end
  if #busy > 1 then return busy end
  if purpose == 'target' then
    if not is_half and call('EXISTS', STATE, WITH_STATE, WITHOUT_STATE, VALUES) > 0 then return {'TAKEN'} end
    call('SET', CLOSED, 'copy')
  end
  call('SET', CLOSER, token, 'PX', lease)
  if purpose == 'import' and not state[1] then
    local now = digits(redis_ms())
    call('HSET', STATE, 'gen', ARGV[5], 'head', '0', 'tip', ARGV[5], 'running', now, 'schema', ARGV[4])
  end
end

local running = running_ms('')
if running == 0 then running = redis_ms() end
return {'OK', state[1] or '', state[2] or '0', state[3] or '', digits(running)}
