{% macro sorted_list(value) -%}
    {#- Distinct texts of a group in alphabetical order, joined by ', '; NULL when there is none. -#}
    {{ return(adapter.dispatch('sorted_list')(value)) }}
{%- endmacro %}

{% macro default__sorted_list(value) -%}
    string_agg(distinct {{ value }}, ', ' order by {{ value }})
{%- endmacro %}

{% macro spark__sorted_list(value) -%}
    nullif(array_join(array_sort(collect_set({{ value }})), ', '), '')
{%- endmacro %}
