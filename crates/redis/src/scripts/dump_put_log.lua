-- Writes a log without its records.
-- ARGV: token, lease, running time, log, epoch, version, first, head, at, idle, what is left ('': it stays), '1' if it has a
-- state, state.
-- Returns OK, or LATE if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return 'LATE' end
local now, log, epoch, first, lasts = tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[7]), tonumber(ARGV[11])

local was = call('HMGET', meta_key(log), 'e', 'f')
if was[1] and was[1] ~= epoch then
  drop(log)
elseif was[1] then
  delete_records(log, tonumber(was[2] or '1'), first) -- trimmed where they come from, since they were read
end
call('DEL', meta_key(log))
call('ZREM', DUE, 'l' .. log)

local fields = {'e', epoch, 'v', ARGV[6], 'f', digits(first), 'h', ARGV[8], 'at', ARGV[9], 'u', digits(now - tonumber(ARGV[10]))}
if lasts then
  local expires = digits(now + lasts)
  for _, field in ipairs({'x', expires, 'd', expires}) do fields[#fields + 1] = field end
  call('ZADD', DUE, expires, 'l' .. log)
end
local index, other = WITHOUT_STATE, WITH_STATE
if ARGV[12] == '1' then
  for _, field in ipairs({'s', ARGV[13]}) do fields[#fields + 1] = field end
  index, other = WITH_STATE, WITHOUT_STATE
end
for _, field in ipairs({'i', index == WITH_STATE and 's' or 'p'}) do fields[#fields + 1] = field end
call('HSET', meta_key(log), unpack(fields))
call('ZADD', index, 0, log)
call('ZREM', other, log)
return 'OK'
