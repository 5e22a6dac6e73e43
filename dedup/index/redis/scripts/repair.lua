-- Puts rows under those of their keys they are missing from.
-- ARGV: uid; then of each row the row, its text hash and its keys.
-- Returns which rows, by their place (from 0), were missing from something.

local mended = {}
for at = 2, #ARGV, 3 do
  local row, missing = struct.pack('>I4', ARGV[at]), false
  if redis.call('HGET', p .. 't', ARGV[at + 1]) == ARGV[at] then
    each_key(ARGV[at + 2], function(key)
      if not contains(rows_of(key), row) then
        missing = true
        exchange(key, nil, row)
      end
    end)
  end
  if missing then mended[#mended + 1] = (at - 2) / 3 end
end
if #mended > 0 then
  redis.call('HINCRBY', p .. 'meta', 'removals', 1)
  redis.call('HSET', p .. 'meta', 'version', version + 1, 'entries', entries)
end
return {'OK', mended}
