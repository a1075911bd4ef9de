{#-
    Spark turns a double into decimal digits by its shortest text, DuckDB by its binary value. Where the two differ (halves,
    and many digits of large numbers) it is made to do as DuckDB does, so that both engines give the same number; rounding is
    the function `rounded` of the session (`connectors.warehouse.spark`).
-#}

{% macro spark__exact_sum(value) -%}
    cast(sum({{ spark_fixed_point('cast(' ~ value ~ ' as double)') }}) as double)
{%- endmacro %}

{% macro spark_fixed_point(value) -%}
    {#- A double as decimal(29, 9): times 1e9 as a double, to the nearest integer, halves away from zero. -#}
    case
        when abs({{ value }}) < 9e9
            then cast(cast(rounded({{ value }} * 1e9, 0) as bigint) as decimal(19, 0))
                * cast(0.000000001 as decimal(9, 9))
        else cast({{ value }} as decimal(29, 9))
    end
{%- endmacro %}
