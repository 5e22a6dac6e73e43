-- Looks keys up. ARGV: uid, cap, how many of an over-full key's rows are wanted, the keys, and text
-- hashes, eight bytes each.
-- Returns the number (from 0) and the count of each key that is held, four bytes each, their rows,
-- all of a key or the earliest of an over-full one, and the rows of the texts.

local cap, earliest, keys = 4 * tonumber(ARGV[2]), 4 * tonumber(ARGV[3]), ARGV[4]
local heads, found = {}, {}
for at = 1, #keys, width do
  local content = redis.call('GET', bucket_of(keys, at))
  if content then
    local rows, listed = rows_in(content, sub(keys, at + 1, at + width - 1))
    local length = #rows
    if listed then
      local list = list_of(sub(keys, at, at + width - 1))
      length = length + redis.call('STRLEN', list)
      rows = redis.call('GETRANGE', list, 0, (length > cap and earliest or length) - 1) .. rows
    end
    if length > 0 then
      if length > cap then rows = sub(rows, 1, earliest) end
      heads[#heads + 1] = struct.pack('<I4I4', (at - 1) / width, length / 4)
      found[#found + 1] = rows
    end
  end
end
local texts = {}
for at = 1, #ARGV[5], 8 do
  texts[#texts + 1] = sub(ARGV[5], at, at + 7)
end
if #texts > 0 then texts = redis.call('HMGET', p .. 't', unpack(texts)) end
return {'OK', table.concat(heads), table.concat(found), texts}
