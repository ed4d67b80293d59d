select p.plan_id, t.code, count(*) as n from plan p join site t on t.site_id = p.site_id join plan_step s on s.plan_id = p.plan_id group by p.plan_id, t.code
