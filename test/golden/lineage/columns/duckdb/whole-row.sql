select p as product, count(s) as samples from product p join sample s on s.plan_name = p.name group by p
