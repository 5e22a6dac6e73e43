-- Puts rows under those of their keys they are missing from.
-- ARGV: uid, bytes a key; then of each row the row, its text hash and its keys.
-- Returns which rows, by their place (from 0), were missing from something.

local mended = {}
for at = 3, #ARGV, 3 do
  local row, width = struct.pack('>I4', ARGV[at]), tonumber(ARGV[2])
  local missing = redis.call('HGET', p .. 't', ARGV[at + 1]) == ARGV[at] and 0 or -1
  if missing == 0 then
    each_key(ARGV[at + 2], width, function(h)
      local bucket, field = place(h)
      local rows = rows_of(h, bucket, field)
      local found = false
      for i = 1, #(rows or ''), 4 do found = found or string.sub(rows, i, i + 3) == row end
      if not found then
        missing = missing + 1
        if rows then repost(h, '', row) else post(h, row) end
      end
    end)
  end
  if missing > 0 then mended[#mended + 1] = (at - 3) / 3 end
end
if #mended > 0 then redis.call('HSET', p .. 'meta', 'version', version + 1, 'keys', keys) end
return {'OK', mended}
