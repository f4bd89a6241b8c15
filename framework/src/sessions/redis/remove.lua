-- ARGV: 2 the session, 3 whose it must be, or nothing. Answers whether it was theirs.
local id, wanted = ARGV[2], ARGV[3]
if wanted ~= '' and owner(id) ~= wanted then
  redis.pcall('ZREM', user(wanted), id)
  return 0
end
remove(id)
return 1
