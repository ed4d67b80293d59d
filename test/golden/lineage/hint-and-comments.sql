select /*+ full(p) */ p.plan_id -- the key
, /* text */ p.name from plan p
