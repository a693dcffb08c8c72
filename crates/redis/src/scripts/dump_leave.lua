-- Gives the journal back.
-- ARGV: token.
if call('GET', CLOSER) == ARGV[1] then call('DEL', CLOSER) end
return 'OK'
