select r.result_number, p.price from result r asof left join sample_plan p on r.units = p.name and r.changed_on >= p.changed_on
