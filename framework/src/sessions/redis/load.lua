-- ARGV: 2 the session. Answers its fields.
return exists(ARGV[2]) and read(ARGV[2])
