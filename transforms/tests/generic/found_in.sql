{% test found_in(model, columns, parent) %}
{#- Fails for each key of the model that the parent does not have. -#}
with child as (
    select {{ columns | join(', ') }}
    from {{ model }}
)

select distinct {% for column in columns %}child.{{ column }}{{ ", " if not loop.last }}{% endfor %}
from child
left join {{ parent }} as parent
    on {% for column in columns %}child.{{ column }} = parent.{{ column }}{{ " and " if not loop.last }}{% endfor %}
where parent.{{ columns[0] }} is null
{% endtest %}
