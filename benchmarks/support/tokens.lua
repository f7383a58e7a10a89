-- For wrk: each request with the next bearer token of the file that is named after `--`, round and round, from the one on that
-- comes after so many.
local tokens, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    tokens[#tokens + 1] = "Bearer " .. line
  end
  at = tonumber(args[2])
end

function request()
  at = at % #tokens + 1
  wrk.headers["authorization"] = tokens[at]
  return wrk.format()
end
