-- Keeps the journal for a program that only reads.
-- ARGV: token, lease.
-- Returns OK, or LATE if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return 'LATE' end
return 'OK'
