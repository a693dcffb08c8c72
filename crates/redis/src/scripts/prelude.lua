-- Shared by all scripts: the names of keys, numbers, the clock, and reading what a log is.
-- KEYS[1] is PREFIX .. 'state'. All other keys begin with the same prefix, which holds one hash tag.
if redis.replicate_commands then redis.replicate_commands() end -- Redis 6: TIME before writes

local call = redis.call
local PREFIX = string.sub(KEYS[1], 1, -6)
local STATE = KEYS[1]
local FEED = PREFIX .. 'feed'
local NODES = PREFIX .. 'nodes'
local DUE = PREFIX .. 'due'
local VALUES = PREFIX .. 'keys'
local WITH_STATE = PREFIX .. 'logs:state'
local WITHOUT_STATE = PREFIX .. 'logs:plain'
local STEP_MAX = 60000

local function records_key(name) return PREFIX .. 'l:' .. name end
local function meta_key(name) return PREFIX .. 'm:' .. name end
local function value_key(name) return PREFIX .. 'v:' .. name end
local function writer_key(name) return PREFIX .. 'w:' .. name end
local function here_key(name) return PREFIX .. 'here:' .. name end

-- Numbers up to 2^53 as digits: `..` would write an exponent from 1e14 on.
local function digits(n) return string.format('%.0f', n) end

local function redis_ms()
  local time = call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- The wall clock that time is taken from: Redis's, or one that the caller brings (for tests).
local function wall_ms(given)
  if given ~= '' then return tonumber(given) end
  return redis_ms()
end

-- The running clock now, without storing it. `given`: as for wall_ms; a caller's clock goes on by tidy.lua alone.
local function running_ms(given)
  local clock = call('HMGET', STATE, 'running', 'wall')
  local running = tonumber(clock[1] or '0')
  if given ~= '' or not clock[2] then return running end
  return running + math.min(math.max(redis_ms() - tonumber(clock[2]), 0), STEP_MAX)
end

-- A record as it is stored: the running time of its append in six bytes, then its body.
local function stored(at, body) return struct.pack('>I6', at) .. body end
local function stored_at(record) return (struct.unpack('>I6', record)) end
local function body_of(record) return string.sub(record, 7) end

-- The oldest record that a log still has, by what is deleted and by what the caller retains.
local function first_kept(first, head, retain)
  return math.max(tonumber(first or '1'), head + 1 - retain)
end

-- Adds an entry to the feed: its number, its origin (a hash of all that was before and of itself), and what it tells.
local function feed(head, tip, writer, number, now, ...)
  local origin = string.sub(redis.sha1hex(tip .. ' ' .. writer .. ' ' .. number), 1, 20)
  call('XADD', FEED, digits(head + 1) .. '-0', 'w', writer, 'b', number, 'o', origin, 'p', tip, 't', digits(now), ...)
  call('HSET', STATE, 'head', digits(head + 1), 'tip', origin)
  return origin
end

-- Ends a writer: its lease, its ephemerals, its answers. Others hear of it if they have heard of its ephemerals.
local function end_writer(name, now, head, tip)
  local had = call('EXISTS', here_key(name))
  call('ZREM', NODES, name)
  call('DEL', here_key(name), writer_key(name))
  if had == 0 then return head, tip end
  tip = feed(head, tip, '', digits(now), now, 'e', name)
  return head + 1, tip
end

-- Whether the feed still has the entry that the caller knows last: nil, or why not.
local function diverges(known, origin, head, tip)
  if known > head then return 'LOST' end
  if known == head then
    if origin ~= tip then return 'LOST' end
    return nil
  end
  local id = digits(known) .. '-0'
  local found = call('XRANGE', FEED, id, id)[1]
  if found then
    if found[2][6] ~= origin then return 'LOST' end
    return nil
  end
  local oldest = call('XRANGE', FEED, '-', '+', 'COUNT', 1)[1]
  -- The entry behind it names it: so nothing is missing if it was just trimmed.
  if oldest and oldest[1] == digits(known + 1) .. '-0' then
    if oldest[2][8] ~= origin then return 'LOST' end
    return nil
  end
  return 'BEHIND'
end

local function drop(log)
  if call('DEL', meta_key(log)) == 0 then return end
  call('UNLINK', records_key(log))
  call('ZREM', WITH_STATE, log)
  call('ZREM', WITHOUT_STATE, log)
  call('ZREM', DUE, 'l' .. log)
end

-- Deletes records of a log from one up to another, exclusive.
local function delete_records(log, from, to)
  while from < to do
    local numbers = {}
    for seq = from, math.min(to, from + 100) - 1 do numbers[#numbers + 1] = seq end
    call('HDEL', records_key(log), unpack(numbers))
    from = from + #numbers
  end
end

local function delete_value(key)
  if call('DEL', value_key(key)) == 0 then return end
  call('ZREM', VALUES, key)
  call('ZREM', DUE, 'v' .. key)
end

-- A log's name with what a node begins with: nothing if it has no state.
local function state_of(log, retain)
  local meta = call('HMGET', meta_key(log), 'e', 'h', 'v', 'at', 'u', 's', 'f')
  if not meta[6] then return {log} end
  local first = first_kept(meta[7], tonumber(meta[2]), retain)
  if first > tonumber(meta[2]) then first = 0 end
  return {log, meta[1], digits(first), meta[2], meta[3], meta[4], meta[5], meta[6]}
end
