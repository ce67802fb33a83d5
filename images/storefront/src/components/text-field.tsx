interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly problem: string | undefined;
  readonly autoComplete: string;
  readonly type?: "text" | "email" | "tel" | "password";
  readonly required?: boolean;
  readonly minLength?: number;
}

export function TextField({ name, label, value, problem, type = "text", ...rest }: TextFieldProps) {
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type}
        defaultValue={value}
        maxLength={120}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${name}-problem`}
        {...rest}
      />
      {problem === undefined ? null : (
        <p className="field-problem" id={`${name}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}
