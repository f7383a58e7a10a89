-- For wrk: each request with the next bearer token of the file that is named after `--`, round and round.
local tokens, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    tokens[#tokens + 1] = "Bearer " .. line
  end
end

function request()
  at = at % #tokens + 1
  wrk.headers["authorization"] = tokens[at]
  return wrk.format()
end
