{% test within_range(model, columns, low, high=none) %}
{#- Fails for each row where one of the columns lies outside [low, high]; missing values pass. -#}
select {{ columns | join(', ') }}
from {{ model }}
where {% for column in columns -%}
    {{ column }} < {{ low }}{% if high is not none %} or {{ column }} > {{ high }}{% endif %}
    {{- " or " if not loop.last }}
{%- endfor %}
{% endtest %}
