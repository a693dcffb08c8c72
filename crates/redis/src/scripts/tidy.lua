-- One slice of housekeeping.
-- ARGV: wall, rows at most, retain, retain_age ('': any age), feed_age.
-- Returns 1 if there is more to do soon.
local limit, retain, retain_age, feed_age = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

local wall = wall_ms(ARGV[1])
local state = call('HMGET', STATE, 'running', 'wall', 'grace', 'head', 'walk', 'walk_at')
if not state[1] then return 0 end
local running = tonumber(state[1])
if state[2] then running = running + math.min(math.max(wall - tonumber(state[2]), 0), STEP_MAX) end
call('HSET', STATE, 'running', digits(running), 'wall', digits(wall))

-- The feed's age: what the head was, noted ten times in that time.
local now, marks = redis_ms(), PREFIX .. 'marks'
local newest = call('LINDEX', marks, -1)
if not newest or tonumber(cjson.decode(newest)[1]) + feed_age / 10 <= now then
  call('RPUSH', marks, '[' .. digits(now) .. ',' .. state[4] .. ']')
end
local oldest = cjson.decode(call('LINDEX', marks, 0))
if oldest[1] + feed_age < now then
  call('LPOP', marks)
  call('XTRIM', FEED, 'MINID', '~', digits(oldest[2]) .. '-0')
end

if running < tonumber(state[3] or '0') then return 0 end

local function look_at(due)
  local kind, name = string.sub(due, 1, 1), string.sub(due, 2)
  if kind == 'v' then return delete_value(name) end
  local expires = call('HGET', meta_key(name), 'x')
  if not expires then
    call('ZREM', DUE, due)
    call('HDEL', meta_key(name), 'd')
  elseif tonumber(expires) <= running then
    drop(name)
  else
    call('ZADD', DUE, expires, due)
    call('HSET', meta_key(name), 'd', expires)
  end
end

local due = call('ZRANGEBYSCORE', DUE, '-inf', digits(running), 'LIMIT', 0, limit)
for _, name in ipairs(due) do look_at(name) end
if #due == limit then return 1 end
if not retain_age then return 0 end

-- Records that are too old: a walk over all logs, begun anew when half of the age has passed, at most a minute.
local too_old = running - retain_age
local function trim(log)
  local meta = call('HMGET', meta_key(log), 'h', 'f')
  if not meta[1] then return end
  local top, oldest = tonumber(meta[1]), tonumber(meta[2] or '1')
  local first = oldest
  while first <= top do
    local record = call('HGET', records_key(log), first)
    if not record or stored_at(record) >= too_old then break end
    first = first + 1
  end
  if first == oldest then return end
  delete_records(log, oldest, first)
  call('HSET', meta_key(log), 'f', first)
end

local walk = state[5]
if not walk then
  if running < tonumber(state[6] or '0') then return 0 end
  walk = 's'
end
local index = WITH_STATE
if string.sub(walk, 1, 1) == 'p' then index = WITHOUT_STATE end
local from = '-'
if #walk > 1 then from = '(' .. string.sub(walk, 2) end
local logs = call('ZRANGEBYLEX', index, from, '+', 'LIMIT', 0, limit)
for _, log in ipairs(logs) do trim(log) end
if #logs == limit then
  call('HSET', STATE, 'walk', string.sub(walk, 1, 1) .. logs[#logs])
  return 1
end
if index == WITH_STATE then
  call('HSET', STATE, 'walk', 'p')
  return 1
end
local pause = math.max(math.min(retain_age / 2, 60000), 1000)
call('HDEL', STATE, 'walk')
call('HSET', STATE, 'walk_at', digits(running + math.floor(pause)))
return 0
