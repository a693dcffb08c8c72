-- Writes a log without its records.
-- ARGV: token, lease, running time, log, epoch, version, first, head, at, idle, what is left ('': it stays), '1' if it has a
-- state, state.
-- Returns OK, or LATE if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return 'LATE' end
local now, log, epoch, first, lasts = tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[7]), tonumber(ARGV[11])

local was = call('HGET', meta_key(log), 'e')
if was and was ~= epoch then drop(log) end
call('DEL', meta_key(log))
call('ZREM', DUE, 'l' .. log)
call('XTRIM', log_key(log), 'MINID', digits(first) .. '-0')
forget_amended(log, first)

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
if call('EXISTS', amended_key(log)) == 1 then
  for _, field in ipairs({'a', '1'}) do fields[#fields + 1] = field end
end
call('HSET', meta_key(log), unpack(fields))
call('ZADD', index, 0, log)
call('ZREM', other, log)
return 'OK'
