// Who has opted out is asked before every list.
CREATE INDEX guanxi_opted_out IF NOT EXISTS FOR (a:Account) ON (a.opted_out)
