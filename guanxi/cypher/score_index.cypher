// So that rankings and single communities are found without reading all accounts.
CREATE INDEX {{index}} IF NOT EXISTS FOR (a:{{label}}) ON (a.{{score}})
