-- Looks keys up. ARGV: uid, cap, how many of an over-full key's rows are wanted, bytes a key, keys,
-- bytes of a text hash each, the text hashes.
-- Returns the version, the number (from 0) and the count of each key that is held, 4 bytes each,
-- their rows, all of a key or the earliest of an over-full one, and the rows of the texts.

local cap, earliest, width = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local number = 0
local heads, found = {}, {}
each_key(ARGV[5], width, function(h)
  local bucket, field = place(h)
  local rows = redis.call('HGET', bucket, field)
  if rows then
    local size = #rows
    if rows == LISTED then
      local list = list_of(h)
      size = redis.call('STRLEN', list)
      rows = redis.call('GETRANGE', list, 0, (size > 4 * cap and earliest * 4 or size) - 1)
    elseif size > 4 * cap then
      rows = string.sub(rows, 1, earliest * 4)
    end
    heads[#heads + 1] = struct.pack('<I4I4', number, size / 4)
    found[#found + 1] = rows
  end
  number = number + 1
end)
local texts = {}
for at = 1, #ARGV[6], 8 do
  texts[#texts + 1] = string.sub(ARGV[6], at, at + 7)
end
if #texts > 0 then texts = redis.call('HMGET', p .. 't', unpack(texts)) end
return {'OK', version, table.concat(heads), table.concat(found), texts}
