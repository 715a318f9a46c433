-- Reads what a front end says of its build, and reports it in the two layouts that scripts use: a
-- table by build, and the vulnerability library. It asks for one page and sends nothing else.
local http = require "http"
local stdnse = require "stdnse"
local vulns = require "vulns"

description = "For tests: the X-OWA-Version header of a server on loopback."
categories = {"safe"}

portrule = function(_, port) return port.state == "open" end

action = function(host, port)
  local answer = http.get(host, port, "/owa/")
  local build = answer.header and answer.header["x-owa-version"]
  if not build then return nil end
  local out = stdnse.output_table()
  local row = stdnse.output_table()
  row.product = "Exchange Server"
  row.build = build
  out[build] = row
  local report = vulns.Report:new(SCRIPT_NAME, host, port)
  local hole = {
    title = "for tests",
    state = build == "15.1.2176.2" and vulns.STATE.VULN or vulns.STATE.NOT_VULN,
    IDS = {CVE = "CVE-2021-26855"},
  }
  local text = report:make_output(hole)
  out.vulnerability = text
  return out
end
