{#- What Spark spells differently about time. Instants are TIMESTAMP, local times TIMESTAMP_NTZ; the session is in UTC. -#}

{% macro spark__local_time(instant, zone) -%}
    convert_timezone('UTC', {{ zone }}, cast({{ instant }} as timestamp_ntz))
{%- endmacro %}


{% macro spark__iso_weekday(local) -%}
    cast(weekday({{ local }}) + 1 as integer)
{%- endmacro %}


{% macro spark__hours_between(earlier, later) -%}
    ((unix_micros({{ later }}) - unix_micros({{ earlier }})) / cast(3600000000 as double))
{%- endmacro %}


{% macro spark__each_day(first_day, last_day) -%}
    explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day))
{%- endmacro %}


{% macro spark__days_between(earlier, later) -%}
    cast(datediff({{ later }}, {{ earlier }}) as bigint)
{%- endmacro %}


{% macro spark__instant(text) -%}
    to_timestamp('{{ text }}')
{%- endmacro %}
