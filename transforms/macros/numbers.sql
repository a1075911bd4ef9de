{#- Numbers that come out the same whatever the order of rows, and the shrinkage used for groups of posts. -#}

{% macro exact_sum(value) -%}
    {#- Sum in fixed point with 9 decimals: the order of addition cannot change it. NULL when nothing is there. -#}
    {{ return(adapter.dispatch('exact_sum')(value)) }}
{%- endmacro %}

{% macro default__exact_sum(value) -%}
    cast(sum(cast({{ value }} as decimal(38, 9))) as double)
{%- endmacro %}


{% macro shrunk_percentile(percentile) -%}
    {#-
        Mean percentile of a group of posts, pulled to the middle by 10 imagined posts at 0.5:
        (Σ percentile + 10 · 0.5) ÷ (n + 10). NULL when no post of the group has a percentile.
    -#}
    case
        when count({{ percentile }}) > 0
            then round(({{ exact_sum(percentile) }} + 10 * 0.5) / (count({{ percentile }}) + 10), 9)
    end
{%- endmacro %}


{% macro ratio(numerator, denominator) -%}
    {#- Numerator ÷ denominator; NULL when the denominator is missing or 0. -#}
    ({{ numerator }} / nullif({{ denominator }}, 0))
{%- endmacro %}
