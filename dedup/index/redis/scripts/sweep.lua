-- Takes rows that have no record out of some buckets. ARGV: uid, first bucket, last (exclusive).
-- Returns how many were taken out.

local swept, there = 0, {}
for number = tonumber(ARGV[2]), math.min(tonumber(ARGV[3]), buckets) - 1 do
  local bucket = p .. 'b:' .. number
  local level = level_of(number)
  local entries = redis.call('HGETALL', bucket)
  for i = 1, #entries, 2 do
    local h = tonumber(entries[i]) * level + number
    local rows = rows_of(h, bucket, entries[i])
    for at = 1, #rows, 4 do
      local row = string.sub(rows, at, at + 3)
      if there[row] == nil then
        there[row] = redis.call('EXISTS', p .. 'r:' .. struct.unpack('>I4', row)) == 1
      end
      if not there[row] then
        repost(h, row, nil)
        swept = swept + 1
      end
    end
  end
end
if swept > 0 then redis.call('HSET', p .. 'meta', 'version', version + 1, 'keys', keys) end
return {'OK', swept, buckets}
