with tree (id, parent) as (select plan_id, owner_id from plan where owner_id is null union all select p.plan_id, p.owner_id from plan p join tree t on t.id = p.owner_id)
select * from tree
