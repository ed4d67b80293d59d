select count(*) as n, max(created) as latest from plan
