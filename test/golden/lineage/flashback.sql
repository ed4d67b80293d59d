select p.plan_id, s.code from plan as of scn :scn p join site as of timestamp (systimestamp - interval '5' minute) s on s.site_id = p.site_id
