-- Reads a log and some of its records.
-- ARGV: log, the first record ('': the oldest), records at most, bytes at most.
-- Returns what log_of makes.
return log_of(ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), running_ms(''))
