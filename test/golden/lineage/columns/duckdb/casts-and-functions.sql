select sample_number::varchar || '-' || analysis as key, try_cast(entry as double) as value, date_trunc('month', changed_on) as month, strftime(changed_on, '%Y') as year from result
