pivot result on analysis in ('PH', 'TEMP') using max(numeric_entry) as value group by sample_number
