-- ARGV: 2 the user. Answers their living sessions: name, milliseconds that it lives, fields.
local list = user(ARGV[2])
local found, ids = {}, redis.pcall('ZRANGE', list, 0, -1)
if ids.err then return found end
for _, id in ipairs(ids) do
  if owner(id) == ARGV[2] then
    table.insert(found, { id, redis.call('PTTL', session(id)), read(id) })
  else
    redis.call('ZREM', list, id)
  end
end
return found
