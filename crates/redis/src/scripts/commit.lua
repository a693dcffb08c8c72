-- Writes a batch, all of it in one step.
-- ARGV: writer, number, generation, known, origin (of the entry `known`), retain, wall, feed_entries, seen_max,
-- then two for each commit: its conditions and its body (MessagePack; pack/ says what they hold).
-- Returns a status and, if it is OK: the answer, the head before, entries after `known`, and the origin of the batch's own
-- entry behind that head; '' if it has none, or if it was written by an earlier attempt.
local writer, number, generation = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local known, origin = tonumber(ARGV[4]), ARGV[5]
local retain, wall = tonumber(ARGV[6]), ARGV[7]
local feed_entries, seen_max = ARGV[8], ARGV[9]

local state = call('HMGET', STATE, 'gen', 'head', 'tip')
local mine = call('HMGET', writer_key(writer), 'name', 'number', 'answer', 'entry')
if not mine[1] then return {'LATE'} end
local last = tonumber(mine[2])
if number < last then return {'STALE'} end
if state[1] ~= generation then return {'GEN'} end
local head, tip = tonumber(state[2]), state[3]
local why = diverges(known, origin, head, tip)
if why then return {why} end

local seen = {}
if known < head then seen = call('XRANGE', FEED, digits(known + 1) .. '-0', '+', 'COUNT', seen_max) end
if number == last then
  call('HSET', writer_key(writer), 'number', ARGV[2]) -- a write on this connection too: WAIT waits for it
  return {'OK', mine[3], mine[4], seen, ''}
end

local now = running_ms(wall)

-- Whether a log is as an append expects it: nothing, missing, head, epoch, version.
local function is_expected(log, kind, wanted, epoch)
  if kind == 0 then return true end
  local meta = call('HMGET', meta_key(log), 'e', 'h', 'v')
  if kind == 1 then return not meta[1] end
  if not meta[1] then return false end
  if kind == 2 then return tonumber(meta[2]) == wanted end
  if meta[1] ~= epoch then return false end
  return kind == 3 or tonumber(meta[3]) == wanted
end

-- Whether a value is as a put expects it: anything, missing, this one, missing or this one, missing or one that begins so.
local function is_value(key, kind, wanted)
  if kind == 0 then return true end
  local value = call('GET', value_key(key))
  if kind == 1 then return not value end
  if kind == 2 then return value == wanted end
  if not value then return true end
  if kind == 3 then return value == wanted end
  return string.sub(value, 1, #wanted) == wanted
end

local function holds(conditions, body)
  local appends, amends, puts = body[1], body[2], body[3]
  for i, append in ipairs(appends) do
    local condition = conditions[1][i]
    if not is_expected(append[1], condition[1], condition[2], append[2]) then return false end
  end
  for _, amend in ipairs(amends) do
    local top = call('HGET', meta_key(amend[1]), 'h')
    if not top or amend[2] < 1 or amend[2] > tonumber(top) then return false end
  end
  for i, put in ipairs(puts) do
    local condition = conditions[2][i]
    if not is_value(put[1], condition[1], condition[2]) then return false end
  end
  return true
end

local function amend(log, seq, body)
  call('HINCRBY', meta_key(log), 'v', 1)
  local record = call('HGET', records_key(log), seq)
  if record then call('HSET', records_key(log), seq, stored(stored_at(record), body)) end
end

local function append(log, epoch, at, records, new_state, lasts)
  local meta = meta_key(log)
  local was = call('HMGET', meta, 'e', 'h', 'v', 'd', 'i', 'f')
  local top, version, due = 0, 0, tonumber(was[4] or '')
  local fields = {'at', at, 'u', now}
  if was[1] then
    epoch, top, version = was[1], tonumber(was[2]), tonumber(was[3])
  else
    fields[5], fields[6] = 'e', epoch
  end
  local first = top + 1
  for _, body in ipairs(records) do
    top = top + 1
    call('HSET', records_key(log), top, stored(now, body))
  end
  version = version + 1
  local function set(field, value)
    fields[#fields + 1] = field
    fields[#fields + 1] = value
  end
  set('h', top)
  -- If fewer are kept than before, the excess goes bit by bit.
  local kept = tonumber(was[6] or '1')
  local excess = math.min(top + 1 - retain - kept, 2 * #records + 100)
  if excess > 0 then
    delete_records(log, kept, kept + excess)
    set('f', kept + excess)
  end
  set('v', version)
  if new_state then set('s', new_state) end
  if lasts then
    set('x', now + lasts)
    -- A log is looked at when it is due, never later than it expires: an expiry that moves on costs the index nothing.
    if not due or due > now + lasts then
      set('d', now + lasts)
      call('ZADD', DUE, now + lasts, 'l' .. log)
    end
  elseif due then
    call('HDEL', meta, 'x')
  end
  -- The index that it is in.
  if new_state and was[5] ~= 's' then
    set('i', 's')
    call('ZADD', WITH_STATE, 0, log)
    if was[5] then call('ZREM', WITHOUT_STATE, log) end
  elseif not was[5] then
    set('i', 'p')
    call('ZADD', WITHOUT_STATE, 0, log)
  end
  call('HSET', meta, unpack(fields))
  return {first, top, version, epoch}
end

local function put(key, value, of, placed, lasts)
  if not value then return delete_value(key) end
  if of then
    local place = placed[of[1] + 1]
    if place then value = value .. digits(place[1] + of[2]) end
  end
  call('SET', value_key(key), value)
  call('ZADD', VALUES, 0, key)
  if lasts then
    call('ZADD', DUE, now + lasts, 'v' .. key)
  else
    call('ZREM', DUE, 'v' .. key)
  end
end

local function apply(conditions, body)
  for _, it in ipairs(body[2]) do amend(it[1], it[2], it[3]) end
  local placed = {}
  for i, it in ipairs(body[1]) do
    placed[i] = append(it[1], it[2], it[3], it[4], it[5], conditions[1][i][3])
  end
  for i, it in ipairs(body[3]) do put(it[1], it[2], it[3], placed, conditions[2][i][3]) end
  for _, log in ipairs(body[4]) do drop(log) end
  for _, it in ipairs(body[5]) do
    if it[2] then
      call('HSET', here_key(writer), it[1], it[2])
    else
      call('HDEL', here_key(writer), it[1])
    end
  end
  return placed
end

local outcomes, told, places = {}, {}, {}
for at = 10, #ARGV, 2 do
  local conditions, body = cmsgpack.unpack(ARGV[at]), cmsgpack.unpack(ARGV[at + 1])
  local placed = false
  if holds(conditions, body) then
    placed = apply(conditions, body)
    if not conditions[3] then
      told[#told + 1] = ARGV[at + 1]
      places[#places + 1] = placed
    end
  end
  outcomes[#outcomes + 1] = placed
end

local answer = cmsgpack.pack(outcomes)
if #told == 0 then return {'OK', answer, digits(head), seen, ''} end
local entry = feed(head, tip, writer, ARGV[2], redis_ms(), 'n', cmsgpack.pack(places), 'c', cmsgpack.pack(told))
call('XTRIM', FEED, 'MAXLEN', '~', feed_entries)
call('HSET', writer_key(writer), 'number', ARGV[2], 'answer', answer, 'entry', digits(head))
return {'OK', answer, digits(head), seen, entry}
